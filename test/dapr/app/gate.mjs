/**
 * Tells the test that the application has come this far, and waits until the test lets it go on:
 * so the test decides what happens between two steps.
 */
export async function gate(name) {
  const response = await fetch(`${process.env.TEST_URL}/${name}`, { method: 'POST' });
  if (!response.ok) throw new Error(`the test refused ${name}: ${response.status}`);
}
