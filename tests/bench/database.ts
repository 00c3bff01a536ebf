import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '#hub/store/embedded/server.ts'
import { cpuMsOfTree } from './cpu.ts'

export interface BenchServer {
  /** The server's own database, which stays empty. */
  url: string
  folder: string
  /** CPU time of PostgreSQL so far, all its processes together. */
  cpuMs(): number
  stop(): Promise<void>
}

/** A PostgreSQL of the bench's own, in a folder that is thrown away; durable as in production. */
export async function startServer(settings: Record<string, string> = {}): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-bench-'))
  await chmod(folder, 0o755)
  const server = await startEmbedded(folder, { settings })
  const pid = Number(
    (await readFile(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0],
  )
  return {
    url: server.url,
    folder,
    cpuMs: () => cpuMsOfTree(pid),
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
