import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'

/** Everything the hub reads from its environment. docs/operations.md lists each with its default. */
const environmentSchema = z.object({
  /** PostgreSQL to use; without it an embedded one runs on the data folder. */
  DATABASE_URL: z.string().min(1).optional(),
  CROSSDOCK_DATA: z.string().min(1).default('.crossdock'),
  CROSSDOCK_HOST: z.string().min(1).default('127.0.0.1'),
  CROSSDOCK_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  CROSSDOCK_SFTP_PORT: z.coerce.number().int().min(0).max(65_535).default(2222),
  CROSSDOCK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** 32 bytes in base64; without it the file `master.key` of the data folder. */
  CROSSDOCK_MASTER_KEY: z.string().min(1).optional(),
  /** The Ed25519 seed that signs the ledger, 32 bytes in base64; without it the file `ledger.key` of the data folder. */
  CROSSDOCK_LEDGER_KEY: z.string().min(1).optional(),
  /** The address people and partners see, for links. */
  CROSSDOCK_URL: z.url().optional(),
  /** Who asks for /metrics bears it; without it only this machine may ask. */
  CROSSDOCK_METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,512}$/, 'a token has 16 to 512 characters and no spaces')
    .optional(),
})

export interface Config {
  databaseUrl: string | null
  dataFolder: string
  host: string
  httpPort: number
  sftpPort: number
  logLevel: string
  masterKey: string | null
  ledgerKey: string | null
  publicUrl: string | null
  metricsToken: string | null
}

/** Reads the configuration from environment variables; throws an Error with a line for each that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { data: values, error } = environmentSchema.safeParse(env)
  if (error !== undefined)
    throw new Error(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  return {
    databaseUrl: values.DATABASE_URL ?? null,
    dataFolder: isAbsolute(values.CROSSDOCK_DATA) ? values.CROSSDOCK_DATA : resolve(values.CROSSDOCK_DATA),
    host: values.CROSSDOCK_HOST,
    httpPort: values.CROSSDOCK_HTTP_PORT,
    sftpPort: values.CROSSDOCK_SFTP_PORT,
    logLevel: values.CROSSDOCK_LOG_LEVEL,
    masterKey: values.CROSSDOCK_MASTER_KEY ?? null,
    ledgerKey: values.CROSSDOCK_LEDGER_KEY ?? null,
    publicUrl: values.CROSSDOCK_URL ?? null,
    metricsToken: values.CROSSDOCK_METRICS_TOKEN ?? null,
  }
}
