import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createScratch } from '#hub/store/scratch.ts'
import type { BenchServer } from './database.ts'
import { startHub } from './hub.ts'
import { edifactOrder } from './samples.ts'
import { post } from './senders.ts'
import type { Row } from './table.ts'

const peerProgram = fileURLToPath(new URL('group-commit.ts', import.meta.url))

/** B1: 5 kB documents received and committed, the hub's door alone beside the bare program, turn by turn. */
export async function receiveRows(server: BenchServer, { quick }: { quick: boolean }): Promise<Row[]> {
  const hub = await startHub(server, { sink: 'http://127.0.0.1:9/', wanted: 'json', role: 'gateway' })
  const peer = await startPeer(server)
  const rows: Row[] = []
  let from = 0
  try {
    const run = async (to: { url: string; token: string }, connections: number, count: number) => {
      const body = (number: number) => edifactOrder(number, 36)
      const ms = await post({ ...to, connections, from, count, body })
      from += count
      return (count * 1000) / ms
    }
    await run(hub, 16, 4000)
    await run(peer, 16, 4000)
    for (const connections of [1, 16, 64]) {
      const count = Math.max(quick ? 150 : 400, connections * (quick ? 15 : 60))
      const turns = quick ? 2 : 4
      const ours: number[] = []
      const theirs: number[] = []
      for (let turn = 0; turn < turns; turn++) {
        theirs.push(await run(peer, connections, count))
        ours.push(await run(hub, connections, count))
      }
      const [own, bare] = [median(ours), median(theirs)]
      rows.push({
        bench: 'B1',
        what: `receive 5 kB, ${connections} connection${connections === 1 ? '' : 's'}`,
        figure: `${own.toFixed(0)}/s`,
        beside: `bare group commit ${bare.toFixed(0)}/s`,
        ratio: own / bare,
        reach: '0.6, then 0.8',
        reached: own / bare >= 0.6,
      })
    }
    return rows
  } finally {
    await hub.stop()
    await peer.stop()
  }
}

async function startPeer(server: BenchServer) {
  const scratch = await createScratch(server.url, 'bare')
  const child = spawn(process.execPath, [peerProgram, scratch.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    url: (JSON.parse(String(line)) as { http: string }).http,
    token: 'none',
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      await scratch.drop()
    },
  }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
