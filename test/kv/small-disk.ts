import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A disk of 2 MB. */
export class SmallDisk implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts it at a folder that does not exist yet; skips the test where that is not allowed. */
  static mount(context: Mocha.Context, folder: string): SmallDisk {
    mkdirSync(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      if (process.env['CI'] === 'true') throw new Error('a full disk needs the right to mount');
      console.log('      skipped: a small disk needs the right to mount a tmpfs');
      return context.skip();
    }
    return new SmallDisk(folder);
  }

  /** Makes it one of 16 MB. */
  grow(): void {
    execFileSync('mount', ['-o', 'remount,size=16m', this.folder], { stdio: 'pipe' });
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.folder], { stdio: 'pipe' });
  }
}
