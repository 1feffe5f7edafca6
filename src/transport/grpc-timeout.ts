/** Units of the header grpc-timeout in ms (gRPC over HTTP/2, Timeout). */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Ms that the header gives; Infinity where there is none; undefined: it is malformed. */
export function readTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return Infinity;
  const [, number, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit ?? ''] ?? NaN);
}
