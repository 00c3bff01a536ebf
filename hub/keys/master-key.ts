import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HubError } from '#hub/model/errors.ts'

export interface MasterKeyConfig {
  /** 32 bytes in base64, from CROSSDOCK_MASTER_KEY; null for the file `master.key` of the data folder. */
  masterKey: string | null
  dataFolder: string
}

const keyBytes = 32

/**
 * The 32 bytes of the master key. Without one in the configuration, the data folder's `master.key` is read, and made
 * (mode 0600) on first use. Throws HubError `masterKeyMissing` that says where a key of a wrong form stands.
 */
export async function loadMasterKey(config: MasterKeyConfig): Promise<Buffer> {
  if (config.masterKey !== null) return decodeKey(config.masterKey, 'CROSSDOCK_MASTER_KEY')
  const path = join(config.dataFolder, 'master.key')
  const text = (await readKeyFile(path)) ?? (await makeKeyFile(config.dataFolder, path))
  return decodeKey(text, path)
}

function decodeKey(text: string, where: string): Buffer {
  const trimmed = text.trim()
  const key = Buffer.from(trimmed, 'base64')
  // Buffer skips what is not base64, so that a mistyped key would quietly become another one
  const exact = key.toString('base64').replace(/=+$/, '') === trimmed.replace(/=+$/, '')
  if (!exact) throw new HubError('masterKeyMissing', `the master key in ${where} is not base64`)
  if (key.length !== keyBytes) {
    throw new HubError(
      'masterKeyMissing',
      `the master key in ${where} has ${key.length} bytes, not ${keyBytes}`,
    )
  }
  return key
}

async function readKeyFile(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8')
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, 0o600)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new HubError('masterKeyMissing', `the master key ${path} cannot be read`, { cause: error })
  }
}

/** Writes beside and links, so that two that start at once agree on one key and nobody reads half of it. */
async function makeKeyFile(folder: string, path: string): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  const text = `${randomBytes(keyBytes).toString('base64')}\n`
  await mkdir(folder, { recursive: true })
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
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

/** The name of a new file is durable only when its folder is. Windows cannot open folders and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
