import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownPostgres } from '../support/own-postgres.ts'
import { mayMount, smallDisk } from '../support/small-disk.ts'
import { until } from '../support/poll.ts'
import { collectUntilDone } from './exchange.ts'
import { withPadding, type Order } from './orders.ts'
import { post, upload } from './scene.ts'
import { setStage, type Stage } from './stage.ts'

/** R7: disks run full. Where a test may not mount one, that is said; in CI it is a failure. */
test.runIf(process.env['CI'] === 'true')('R7 this machine lets the tests mount small disks', () => {
  expect(mayMount).toBe(true)
})

test.runIf(mayMount)(
  'R7 while the disk of the database is full, senders are asked to come back and nothing is half there; with room again the same hub goes on',
  { timeout: 300_000 },
  async () => {
    const disk = await smallDisk(160)
    const settings = { max_wal_size: '16MB', min_wal_size: '8MB', shared_buffers: '16MB' }
    const postgres = await ownPostgres({ cluster: join(disk.folder, 'cluster'), settings })
    const stage = await setStage({ url: postgres.url })
    try {
      const hub = await stage.start()
      await stage.exchange(hub, stage.orders(6))
      disk.fill()
      const refused = await refuseUntil(stage, hub, 12)
      expect(refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter !== '10')).toEqual([])
      const [file] = padded(stage, 'xml')
      expect((await upload(hub, file)).yes).toBe(false)
      expect((await fetch(`${hub.http}/healthz`)).status).toBe(200)
      disk.clear()
      // where the server itself gave up, whoever runs it starts it again
      if (!(await postgres.isRunning())) await postgres.start()
      await stage.exchange(
        hub,
        stage.generated.filter((order) => !stage.accepted.has(order)),
        120_000,
      )
      expect(hub.child.exitCode).toBeNull()
      expect(await stage.wrongs()).toEqual([])
      const { rows } = await stage.admin.query<{ n: number }>(
        `select count(*)::int as n from document where type = 'unread'`,
      )
      expect(rows[0]!.n).toBe(0)
    } finally {
      await stage.close()
      await postgres.remove()
      await disk.remove()
    }
  },
)

/** An order too large for what little room there may be between rows. */
function padded(stage: Stage, kind: Order['kind']): [Order] {
  const [order] = stage.orders(1, kind) as [Order]
  const large = kind === 'xml' ? withPadding(order, 2_500_000) : order
  stage.generated.splice(stage.generated.indexOf(order), 1, large)
  return [large]
}

/** Posts large orders until `count` were refused; those that found room still are accepted. */
async function refuseUntil(stage: Stage, hub: Awaited<ReturnType<Stage['start']>>, count: number) {
  const refused: Awaited<ReturnType<typeof post>>[] = []
  await until(
    `${count} refused`,
    async () => {
      const [order] = padded(stage, 'xml')
      const said = await post(hub, stage.scene.token, order)
      if (said.yes) stage.accepted.add(order)
      else refused.push(said)
      return refused.length >= count ? true : null
    },
    120_000,
  )
  return refused
}

test.runIf(mayMount)(
  'R7 a log on a full disk, or one that nobody reads any more, stops nothing',
  { timeout: 240_000 },
  async () => {
    const disk = await smallDisk(1)
    const stage = await setStage()
    const path = join(disk.folder, 'hub.log')
    const file = openSync(path, 'a')
    const pipe = join(stage.folder, 'log-pipe')
    execFileSync('mkfifo', [pipe])
    const unread = openSync(pipe, constants.O_RDWR)
    try {
      const env = { CROSSDOCK_LOG_LEVEL: 'trace' }
      const onDisk = await stage.start(env, { logTo: file })
      await stage.exchange(onDisk, stage.orders(3))
      disk.fill()
      await stage.exchange(onDisk, stage.orders(9))
      expect(onDisk.child.exitCode).toBeNull()
      disk.clear()
      const before = readFileSync(path).length
      await stage.exchange(onDisk, stage.orders(9))
      await until('the log goes on', () => (readFileSync(path).length > before ? true : null))
      await onDisk.stop()
      expect(onDisk.child.exitCode).toBe(0)

      const intoPipe = await stage.start(env, { logTo: unread })
      await until(
        'the pipe is full',
        async () => {
          await stage.exchange(intoPipe, stage.orders(30))
          return isFull(pipe) ? true : null
        },
        120_000,
      )
      await stage.exchange(intoPipe, stage.orders(9))
      expect((await fetch(`${intoPipe.http}/healthz`)).status).toBe(200)
      intoPipe.child.kill('SIGKILL')
      await intoPipe.ended
      const last = await stage.start()
      await stage.exchange(last, stage.orders(3))
      expect(await stage.wrongs()).toEqual([])
    } finally {
      await stage.close()
      closeSync(file)
      closeSync(unread)
      await disk.remove()
    }
  },
)

/** Whether a pipe takes no further byte. */
function isFull(pipe: string): boolean {
  const said = execFileSync('python3', [
    '-c',
    `import os,sys
f=os.open(sys.argv[1],os.O_RDWR|os.O_NONBLOCK)
try: os.write(f,b'\\n'*4096); print('room')
except BlockingIOError: print('full')`,
    pipe,
  ])
  return said.toString().trim() === 'full'
}

test.runIf(mayMount)(
  'R7 with no room for temporary files and in the data folder documents go their way, and the ledger is signed again when there is room',
  { timeout: 180_000 },
  async () => {
    const disk = await smallDisk(2)
    const dataFolder = join(disk.folder, 'data')
    await mkdir(dataFolder)
    const stage = await setStage({ dataFolder })
    try {
      const hub = await stage.start({
        TMPDIR: disk.folder,
        NODE_COMPILE_CACHE: join(disk.folder, 'compiled'),
      })
      await stage.exchange(hub, stage.orders(3))
      disk.fill()
      const orders = stage.orders(6)
      const [large] = padded(stage, 'xml')
      await stage.exchange(hub, [...orders, large])
      expect(hub.child.exitCode).toBeNull()
      disk.clear()
      await stage.exchange(hub, stage.orders(3))
      await collectUntilDone(hub, stage.scene, { admin: stage.admin, documents: stage.accepted.size })
      expect(await stage.wrongs()).toEqual([])
    } finally {
      await stage.close()
      await disk.remove()
    }
  },
)
