import { randomBytes } from 'node:crypto'
import pg from 'pg'

/**
 * Makes an empty database on a server for something that is thrown away afterwards. The login of `serverUrl` needs the
 * right to create databases.
 */
export async function createScratch(
  serverUrl: string,
  purpose: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `crossdock_${purpose}_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock scratch' })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
