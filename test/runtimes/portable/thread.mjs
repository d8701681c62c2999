// A worker thread of Node, and the thread that starts it.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { check } from './check.mjs'

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: JSON.parse(process.argv.at(-1)) })
  worker.once('message', (report) => console.log(JSON.stringify(report)))
} else parentPort.postMessage(await check(workerData))
