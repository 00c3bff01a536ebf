import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '#hub/base/config.ts'
import { limits, readLimits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { Examined } from '#hub/store/examine.ts'

const nodeWanted = 24

/** What `doctor` says of the program and the machine it runs on, apart from ports. */
export async function examineMachine(config: Config, env: NodeJS.ProcessEnv): Promise<Examined[]> {
  return [
    node(process.versions.node),
    configuration(config),
    ownLimits(env['CROSSDOCK_LIMITS'] ?? ''),
    ...(await dataFolder(config)),
  ]
}

/** Whether this version of Node runs the program. */
export function node(version: string): Examined {
  const good = Number(version.split('.')[0]) >= nodeWanted
  const remedy = good ? null : `Node ${nodeWanted} or newer is needed: run "npm ci", which brings one.`
  return { name: 'node', good, found: version, remedy }
}

function configuration({ databaseUrl, dataFolder: folder, masterKey, publicUrl }: Config): Examined {
  const parts = [
    databaseUrl === null ? 'embedded database' : 'database of DATABASE_URL',
    `data folder ${folder}`,
    `master key of ${masterKey === null ? 'the data folder' : 'CROSSDOCK_MASTER_KEY'}`,
    `seen as ${publicUrl ?? 'http (no CROSSDOCK_URL)'}`,
  ]
  return { name: 'configuration', good: true, found: parts.join(', '), remedy: null }
}

function ownLimits(text: string): Examined {
  const own = Object.entries(readLimits(text)).map(([name, value]) => `${name}=${value}`)
  return {
    name: 'limits',
    good: true,
    found: own.length === 0 ? 'all as by default' : own.join(', '),
    remedy: null,
  }
}

async function dataFolder({ dataFolder: folder }: Config): Promise<Examined[]> {
  const there = await nearestThere(folder)
  try {
    await access(there, constants.W_OK | constants.X_OK)
  } catch (error) {
    const remedy = `Give this account the right to write to ${there}, or name another folder by CROSSDOCK_DATA.`
    return [{ name: 'data folder', good: false, found: `cannot be written to: ${messageOf(error)}`, remedy }]
  }
  const found = there === folder ? folder : `${folder} is made on first use, in ${there}`
  return [{ name: 'data folder', good: true, found, remedy: null }, await space(there)]
}

async function space(folder: string): Promise<Examined> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const good = free >= limits.doctorFreeBytes
  const found = `${inGigabytes(free)} free for ${folder}`
  const remedy = `At least ${inGigabytes(limits.doctorFreeBytes)} should be free (doctorFreeBytes): make room, before nothing can be accepted.`
  return { name: 'disk space', good, found, remedy: good ? null : remedy }
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** The folder itself, or the nearest around it that is there. */
async function nearestThere(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return there || dirname(folder) === folder ? folder : nearestThere(dirname(folder))
}
