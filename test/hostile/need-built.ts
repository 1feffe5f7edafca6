import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

/** For a mocha hook or test: skips it, and says why, where a build is missing; fails in CI. */
export function needBuilt(context: Mocha.Context, ...files: string[]): void {
  const missing = files.find((file) => !existsSync(file));
  if (missing === undefined) return;
  const reason = `${missing} is missing: npm run build`;
  assert.notEqual(process.env['CI'], 'true', reason);
  console.log(`skipped: ${reason}`);
  context.skip();
}
