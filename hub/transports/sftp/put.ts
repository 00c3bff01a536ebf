import { createHash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { AttemptOutcome, Proof } from '#hub/model/outcomes.ts'
import type { SftpConnection } from './connect.ts'

/** SSH_FX_* (draft-ietf-secsh-filexfer-02 §7): the peer's own words for why not. */
const status = { noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const

export interface Upload {
  /** The path that partners pick up. */
  finalPath: string
  temporaryPath: string
  bytes: Buffer
  sha256: Buffer
}

/**
 * Puts a file under a temporary name, checks its size, renames it. Until the rename was sent the peer provably has nothing it
 * would pick up; after it only an answer or the absence of the final name tells.
 */
export async function putFile(connection: SftpConnection, upload: Upload): Promise<AttemptOutcome> {
  const proof = { path: upload.finalPath, hostKey: connection.hostKey }
  try {
    const found = await sizeOf(connection, upload.finalPath)
    if (found !== null) return await alreadyThere(connection, upload, found, proof)
    await connection.client.put(upload.bytes, upload.temporaryPath)
    const written = await sizeOf(connection, upload.temporaryPath)
    if (written !== upload.bytes.length) {
      const facts = { ...proof, sizeBytes: upload.bytes.length, sizeFound: written }
      return { kind: 'not_taken', code: 'transferBroken', retry: 'later', proof: facts }
    }
  } catch (error) {
    return notTaken(error, proof)
  }
  return renameToFinal(connection, upload, proof)
}

async function renameToFinal(
  connection: SftpConnection,
  upload: Upload,
  proof: Proof,
): Promise<AttemptOutcome> {
  try {
    await rename(connection, upload)
    return taken(upload, proof)
  } catch (error) {
    if (statusOf(error) === null) {
      return { kind: 'unknown', code: 'answerLost', proof: { ...proof, error: messageOf(error) } }
    }
    // The peer said no. Some servers say so although they did it, or because the name exists: look.
    const found = await sizeOf(connection, upload.finalPath).catch(() => undefined)
    if (found === undefined) return { kind: 'unknown', code: 'answerLost', proof }
    if (found !== null) return alreadyThere(connection, upload, found, proof)
    return notTaken(error, proof)
  }
}

/** By posix-rename@openssh.com where the server has it, since some servers lose the file when a plain rename fails. */
async function rename(connection: SftpConnection, upload: Upload): Promise<void> {
  const { sftp, client } = connection
  const done = await new Promise<boolean>((resolve, reject) => {
    try {
      sftp.ext_openssh_rename(upload.temporaryPath, upload.finalPath, (error) => {
        if (error === undefined || error === null) return resolve(true)
        if (statusOf(error) === status.unsupported) return resolve(false)
        reject(error)
      })
    } catch {
      // ssh2 throws at once where the server did not announce the extension: nothing was sent
      resolve(false)
    }
  })
  if (!done) await client.rename(upload.temporaryPath, upload.finalPath)
}

async function alreadyThere(
  connection: SftpConnection,
  upload: Upload,
  sizeFound: number,
  proof: Proof,
): Promise<AttemptOutcome> {
  try {
    const same =
      sizeFound === upload.bytes.length &&
      (sizeFound > limits.sftpReadBackBytes || (await readBack(connection, upload)).equals(upload.sha256))
    if (same) return taken(upload, { ...proof, foundThere: true })
  } catch (error) {
    return notTaken(error, proof)
  }
  return {
    kind: 'not_taken',
    code: 'nameTakenAtPeer',
    retry: 'hold',
    proof: { ...proof, sizeBytes: upload.bytes.length, sizeFound },
  }
}

/** SHA-256 of what lies under the final name, reading no further than the size it should have. */
function readBack(connection: SftpConnection, upload: Upload): Promise<Buffer> {
  if (upload.bytes.length === 0) return Promise.resolve(upload.sha256)
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256')
    const stream = connection.sftp.createReadStream(upload.finalPath, { end: upload.bytes.length - 1 })
    stream.on('data', (chunk: Buffer) => hash.update(chunk))
    stream.on('error', reject)
    stream.on('end', () => resolve(hash.digest()))
    stream.on('close', () => reject(new Error('the connection was lost while reading back')))
  })
}

/** The size of a file in bytes, or null where there is none. Anything but "no such file" is an error. */
function sizeOf(connection: SftpConnection, path: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    connection.sftp.stat(path, (error, stats) => {
      if (error === undefined || error === null) return resolve(stats.size)
      if (statusOf(error) === status.noSuchFile) return resolve(null)
      reject(error)
    })
  })
}

function taken(upload: Upload, proof: Proof): AttemptOutcome {
  return {
    kind: 'taken',
    proof: { ...proof, sizeBytes: upload.bytes.length, sha256: upload.sha256.toString('hex') },
  }
}

function notTaken(error: unknown, proof: Proof): AttemptOutcome {
  const facts = { ...proof, error: messageOf(error), status: statusOf(error) }
  switch (statusOf(error)) {
    case null:
      return { kind: 'not_taken', code: 'transferBroken', retry: 'later', proof: facts }
    case status.noSuchFile:
    case status.permissionDenied:
    case status.unsupported:
      return { kind: 'not_taken', code: 'refusedByPeer', retry: 'hold', proof: facts }
    default:
      return { kind: 'not_taken', code: 'peerFailed', retry: 'later', proof: facts }
  }
}

/** The status the peer answered with, or null where it did not answer. */
function statusOf(error: unknown): number | null {
  const code = (error as { code?: unknown }).code
  return typeof code === 'number' ? code : null
}
