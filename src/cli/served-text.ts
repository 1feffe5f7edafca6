import type { Settings } from '../config/settings.ts';
import type { ServedSocket } from '../supervisor/supervisor.ts';

/** What `serve` says on standard output once everything is ready. */
export function servedText(served: readonly ServedSocket[], settings: Settings): string {
  const plugins = served.map(
    ({ plugin, path }) => `state.${plugin} on ${path}
  A component for daprd (save it as ${plugin}.yaml in its --resources-path):

    apiVersion: dapr.io/v1alpha1
    kind: Component
    metadata:
      name: my${plugin.replaceAll(/[^a-z0-9]/g, '')}
    spec:
      type: state.${plugin}
      version: v1
      metadata: []
`,
  );
  const none = `No plugin of ${settings.plugins} is served so far: the log says why, or the folder is empty.
`;
  return `${plugins.join('\n') || none}
Start daprd with DAPR_COMPONENTS_SOCKETS_FOLDER=${settings.sockets}, after this line has appeared.
Stop with Ctrl-C or SIGTERM: calls in flight finish first.
Plugins that are added, changed or removed in ${settings.plugins} are followed.
`;
}
