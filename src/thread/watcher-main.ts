/**
 * Entry of the thread that stops overdue calls of guests in an application's own thread: the
 * application's thread cannot, as it is inside the guest.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InterruptWatch } from '../guest/interrupt-watch.ts';

const LOOK_INTERVAL = 10;

const watch = new InterruptWatch((workerData as { interrupts: SharedArrayBuffer }).interrupts);
setInterval(() => watch.look(performance.now()), LOOK_INTERVAL);
parentPort?.postMessage('watching');
