import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The plugin folder of a test guest: manifest, sources and, once built, the module. */
export function guestFolder(name: string): string {
  return join(import.meta.dirname, name);
}

/** Where `scripts/build-guests.ts` puts a guest's module. */
export function guestModule(name: string): string {
  return join(guestFolder(name), 'build', `${name}.wasm`);
}

/**
 * For a mocha hook or test: skips it, and says why, where the guest is not built because its
 * toolchain is missing; fails instead where CI=true.
 */
export function needGuest(context: Mocha.Context, name: string): void {
  if (existsSync(guestModule(name))) return;
  const reason = `the guest ${name} is not built: see scripts/build-guests.ts ${name}`;
  assert.notEqual(process.env['CI'], 'true', reason);
  console.log(`skipped: ${reason}`);
  context.skip();
}
