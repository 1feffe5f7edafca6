/** A request that got no answer. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  /** false: the server surely did nothing for it. */
  readonly reached: boolean;

  constructor(message: string, reached: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.reached = reached;
  }
}
