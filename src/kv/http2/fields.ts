/** Fields of an answer by their names; those of one name are joined (RFC 9110, section 5.3). */
export type Fields = ReadonlyMap<string, string>;

/** @param fields names and values in turn */
export function fieldsByName(fields: readonly string[]): Fields {
  const byName = new Map<string, string>();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    const value = fields[at + 1] ?? '';
    const before = byName.get(name);
    byName.set(name, before === undefined ? value : `${before},${value}`);
  }
  return byName;
}
