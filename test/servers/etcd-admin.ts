/** What etcd has of a key. */
export interface StoredKey {
  readonly key: string;
  /** '0': none. */
  readonly lease: string;
}

/**
 * Looks into etcd and changes it by another way than the engine does: through its gateway, which
 * takes JSON.
 */
export class EtcdAdmin {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async get(key: string): Promise<Buffer | null> {
    const { kvs = [] } = await this.#post('kv/range', { key: base64(key) });
    return kvs[0] === undefined ? null : Buffer.from(kvs[0].value ?? '', 'base64');
  }

  async put(key: string, value: string): Promise<void> {
    await this.#post('kv/put', { key: base64(key), value: base64(value) });
  }

  /** All keys that begin with `prefix`, which ends with an ASCII character below `~`. */
  async keys(prefix: string): Promise<readonly StoredKey[]> {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const request = { key: base64(prefix), range_end: base64(end), keys_only: true };
    const { kvs = [] } = await this.#post('kv/range', request);
    return kvs.map(({ key, lease = '0' }) => ({ key: text(key), lease }));
  }

  /** Seconds for which the lease was granted. */
  async grantedTtl(lease: string): Promise<number> {
    return Number((await this.#post('lease/timetolive', { ID: lease })).grantedTTL);
  }

  async revoke(lease: string): Promise<void> {
    await this.#post('lease/revoke', { ID: lease });
  }

  /** From now on etcd wants user `root` and this password. */
  async wantPassword(password: string): Promise<void> {
    await this.#post('auth/user/add', { name: 'root', password });
    await this.#post('auth/role/add', { name: 'root' });
    await this.#post('auth/user/grant', { user: 'root', role: 'root' });
    await this.#post('auth/enable', {});
  }

  async #post(path: string, request: object): Promise<GatewayAnswer> {
    const response = await fetch(`${this.#url}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(request),
    });
    if (!response.ok) throw new Error(`etcd's gateway, ${path}: ${await response.text()}`);
    return (await response.json()) as GatewayAnswer;
  }
}

/** Fields that are empty are left out, and int64 are text. */
interface GatewayAnswer {
  readonly kvs?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly lease?: string;
  }[];
  readonly grantedTTL?: string;
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString();
}
