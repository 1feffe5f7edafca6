// An application behind a sidecar, with Dapr's own SDK: it hosts one actor type and one workflow.
// Environment: APP_PORT, DAPR_HTTP_PORT, DAPR_GRPC_PORT and TEST_URL, where gate() waits.
import { DaprServer, WorkflowRuntime } from '@dapr/dapr';
import { Counter } from './counter-actor.mjs';
import { square, steps } from './steps-workflow.mjs';

// The SDK answers nothing when a reminder fails; an application must outlive that.
process.on('unhandledRejection', (error) => console.error('unhandled:', error));

const daprHost = '127.0.0.1';
const server = new DaprServer({
  serverHost: '127.0.0.1',
  serverPort: process.env.APP_PORT,
  clientOptions: { daprHost, daprPort: process.env.DAPR_HTTP_PORT },
});
await server.actor.registerActor(Counter);
await server.actor.init();
await server.start();

const workflows = new WorkflowRuntime({ daprHost, daprPort: process.env.DAPR_GRPC_PORT });
workflows.registerWorkflow(steps).registerActivity(square);
await workflows.start();
console.log('the application is ready');
