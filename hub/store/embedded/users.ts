import { readdirSync, rmSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Processes that use one embedded server note themselves in its folder `users`, so that the last one out stops it and
 * nobody stops it under another: `crossdock apply` may have started the server that `crossdock serve` found.
 */
export interface ServerUse {
  /** Takes this process off the list; true where no other living process is on it. */
  leave(): boolean
}

/** Notes this process as a user of the server in `home`. */
export async function useServer(home: string): Promise<ServerUse> {
  const folder = join(home, 'users')
  await mkdir(folder, { recursive: true })
  // a process may use the server more than once
  const name = `${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(join(folder, name), '')
  return {
    leave: () => {
      rmSync(join(folder, name), { force: true })
      return livingUsers(folder) === 0
    },
  }
}

/** Takes off the list whoever was killed before it could do so. */
export async function forgetDeadUsers(home: string): Promise<void> {
  for (const name of deadUsers(join(home, 'users'))) await rm(join(home, 'users', name), { force: true })
}

/** Runs `work` while no other process starts or makes the server in `home`; waits for one that does. */
export async function aloneInStarting<Result>(home: string, work: () => Promise<Result>): Promise<Result> {
  const note = join(home, 'starting')
  for (let tries = 0; !(await take(note)); tries++) {
    if (tries >= 1_200)
      throw new Error(`another process has been starting the database for long: see ${note}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  try {
    return await work()
  } finally {
    await rm(note, { force: true })
  }
}

async function take(note: string): Promise<boolean> {
  try {
    await writeFile(note, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    const holder = await readFile(note, 'utf8').catch(() => '')
    // killed while it was starting; an empty note is being written at this moment
    if (holder !== '' && !isAlive(Number(holder))) await rm(note, { force: true })
    return false
  }
}

function livingUsers(folder: string): number {
  return names(folder).length - deadUsers(folder).length
}

function deadUsers(folder: string): string[] {
  return names(folder).filter((name) => !isAlive(Number(name.split('.')[0])))
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whether a process of this number lives; one that we may not signal lives as well. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}
