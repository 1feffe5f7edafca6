import { Slice } from '../slice';

/** A stored key as a backend shows it. Valid until the backend is called again. */
@final
export class Entry {
  found: bool = false;
  key: Slice = new Slice();
  data: Slice = new Slice();
  contentType: Slice = new Slice();
  version: u64 = 0;
  /** Milliseconds since 1970-01-01T00:00:00Z; 0: never. */
  expiresAt: i64 = 0;
}
