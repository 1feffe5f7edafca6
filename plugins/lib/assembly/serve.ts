import { Backend } from './store/backend';

/** Where this plugin's store keeps its entries. */
export let backend: Backend = changetype<Backend>(0);

/** Called once, by the plugin's entry file. */
export function serve(by: Backend): void {
  backend = by;
}
