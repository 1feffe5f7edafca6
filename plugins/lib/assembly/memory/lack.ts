let lack: bool = false;

/**
 * To be called by whoever got no memory. The call then answers with that error whatever else it
 * does, so those above need not look, but for writes: they have to, before they take effect.
 */
export function noteLack(): void {
  lack = true;
}

/** Whether the current call got no memory. */
export function lacksMemory(): bool {
  return lack;
}

export function clearLack(): void {
  lack = false;
}
