interface PoolFields {
  readonly max?: number | undefined;
  readonly maxCalls: number;
  readonly maxMemory?: number | undefined;
}

/**
 * What a pool may not be asked for where the guest holds the state itself, in its only instance:
 * another instance would not have the state, a replaced one would lose it.
 */
export function contradictions(pool: PoolFields): readonly (keyof PoolFields)[] {
  const fields: (keyof PoolFields)[] = [];
  if ((pool.max ?? 1) > 1) fields.push('max');
  if (pool.maxCalls > 0) fields.push('maxCalls');
  if ((pool.maxMemory ?? 0) > 0) fields.push('maxMemory');
  return fields;
}

/** Of a field that contradicts. */
export const CONTRADICTION =
  'the guest keeps the state in its one instance, which this would split or lose; remove it, or say `state: host` where the guest keeps nothing';
