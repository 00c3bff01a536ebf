import { parentPort, workerData } from 'node:worker_threads'
import { openMappings } from '#mappings/verbs.ts'
import { createAgreements } from '#partners/resolver.ts'
import { systemClock } from './base/clock.ts'
import { createLog } from './base/log.ts'
import { detectFormat, formats } from './formats/index.ts'
import { openKeys } from './keys/open.ts'
import { messageOf } from './model/errors.ts'
import { createProcess } from './pipeline/process/index.ts'
import { jobQueue, startSender } from './queue/boss.ts'
import { openStore } from './store/connect.ts'
import { masterKeyRegister } from './store/master-key.ts'
import type { LargeAnswer, LargeRequest, LargeThreadData } from './large-files.ts'

/*
 * The thread that processes large files: the rooms of a worker once more, without its loops. It is asked by `large-files.ts`.
 */

const { config, url } = workerData as LargeThreadData
const log = createLog(config.logLevel)
const store = openStore(url, {
  workerConnections: 2,
  portalConnections: 1,
  onError: (error) => log.warn({ err: error }, 'database connection lost'),
})
const { sealer } = await openKeys(config, masterKeyRegister(store), log)
const queue = jobQueue(await startSender(url, log))
const { pinned } = openMappings(store)
const { process } = createProcess({
  store,
  sealer,
  queue,
  clock: systemClock,
  log,
  ...pinned(createAgreements(store)),
  formats,
  detectFormat,
})

parentPort!.on('message', (request: LargeRequest) => void answer(request))

async function answer({ number, ids }: LargeRequest): Promise<void> {
  let fault: string | null = null
  try {
    await process(ids)
  } catch (error) {
    log.warn({ err: error }, 'large files are tried again')
    fault = messageOf(error)
  }
  const said: LargeAnswer = { number, fault }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(said)
}
