import type { StoreComponent } from '../peers/daprd.ts';

/** One key-value engine, running, and how each side uses it. */
export interface RunningEngine extends AsyncDisposable {
  /** daprd's own component for it. */
  readonly builtIn: Pick<StoreComponent, 'type' | 'version' | 'metadata'>;
  /** The properties that make state.durable use it. */
  readonly own: Readonly<Record<string, string>>;
}
