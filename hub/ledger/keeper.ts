import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { faultPoint } from '#hub/base/fault.ts'
import { HubError } from '#hub/model/errors.ts'
import { readCheckpoint, signingKey, type Checkpoint, type SigningKey } from './note.ts'

export interface KeeperConfig {
  /** An Ed25519 seed, 32 bytes in base64, from CROSSDOCK_LEDGER_KEY; null for the file `ledger.key` of the data folder. */
  ledgerKey: string | null
  dataFolder: string
}

/**
 * What the ledger keeps outside its database: the key that signs, and the last checkpoint it signed. Whoever has the
 * database alone can neither sign nor make the ledger forget.
 */
export interface Keeper {
  /** The signing key; without one and with `make`, a new one is made (mode 0600). Null without one and without `make`. */
  key(options: { make: boolean }): Promise<SigningKey | null>
  /** The last checkpoint signed here, or null. Throws HubError `ledgerBehind` where the file is not a checkpoint. */
  kept(): Promise<{ note: string; checkpoint: Checkpoint } | null>
  /** Keeps a checkpoint in place of the last one, durably. */
  keep(note: string): Promise<void>
}

const seedBytes = 32

export function openKeeper({ ledgerKey, dataFolder }: KeeperConfig): Keeper {
  const keyPath = join(dataFolder, 'ledger.key')
  const checkpointPath = join(dataFolder, 'ledger.checkpoint')
  return {
    key: async ({ make }) => {
      if (ledgerKey !== null) return decodeSeed(ledgerKey, 'CROSSDOCK_LEDGER_KEY')
      const text = (await readText(keyPath)) ?? (make ? await makeSeed(dataFolder, keyPath) : null)
      return text === null ? null : decodeSeed(text, keyPath)
    },
    kept: async () => {
      const note = await readText(checkpointPath)
      if (note === null) return null
      const checkpoint = readCheckpoint(note)
      if (checkpoint === null)
        throw new HubError('ledgerBehind', `${checkpointPath} does not hold a checkpoint`)
      return { note, checkpoint }
    },
    keep: async (note) => {
      await mkdir(dataFolder, { recursive: true })
      const beside = await writeBeside(checkpointPath, note, 0o644)
      await faultPoint('ledger.keep:rename')
      await rename(beside, checkpointPath)
      await syncFolder(dataFolder)
      await faultPoint('ledger.keep:kept')
    },
  }
}

function decodeSeed(text: string, where: string): SigningKey {
  const trimmed = text.trim()
  const seed = Buffer.from(trimmed, 'base64')
  const exact = seed.toString('base64').replace(/=+$/, '') === trimmed.replace(/=+$/, '')
  if (!exact || seed.length !== seedBytes)
    throw new HubError('ledgerKeyMissing', `the ledger's key in ${where} is not ${seedBytes} bytes in base64`)
  return signingKey(seed)
}

async function readText(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8')
    if (path.endsWith('.key') && process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0)
      await chmod(path, 0o600)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new HubError('ledgerKeyMissing', `${path} cannot be read`, { cause: error })
  }
}

/** Links, so that two that start at once agree on one key. */
async function makeSeed(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const text = `${randomBytes(seedBytes).toString('base64')}\n`
  const beside = await writeBeside(path, text, 0o600)
  try {
    await link(beside, path)
    await syncFolder(folder)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return await readFile(path, 'utf8')
  } finally {
    await unlink(beside)
  }
}

async function writeBeside(path: string, text: string, mode: number): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(beside, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  return beside
}

/** A new name is durable only when its folder is. Windows cannot open folders and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
