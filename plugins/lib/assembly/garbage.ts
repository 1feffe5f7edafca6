// Objects are collected between calls, when no local variable holds one, and only after a call
// that left some behind: reading or writing a single key leaves none.

let left: bool = false;

/** To be called by whoever drops an object, or makes one for a single call. */
export function noteGarbage(): void {
  left = true;
}

/** For the end of a call: everything that no global variable reaches is freed. */
export function collectGarbage(): void {
  if (!left) return;
  left = false;
  __collect();
}
