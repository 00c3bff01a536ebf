import { z } from 'zod'
import { allowAddressesSchema } from '#hub/egress/index.ts'

/** `SHA256:` and 43 characters of base64: what `ssh-keygen -lf` prints (RFC 4648 §4 without padding). */
const fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'expected a fingerprint as ssh-keygen -l prints it')

/** Settings of a channel of kind `sftp`: a partner's server on which the hub puts files. */
export const sftpSettings = z.object({
  host: z.string().regex(/^[A-Za-z0-9._:[\]-]{1,253}$/, 'expected a host name or address'),
  port: z.int().min(1).max(65_535).default(22),
  username: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[^\p{Cc}]*$/u, 'expected a name without control characters'),
  folder: z
    .string()
    .max(500)
    .regex(/^[^\p{Cc}\\]*$/u, 'expected a path without control characters and backslashes')
    .refine((path) => !path.split('/').includes('..'), 'expected a path without ..')
    .default('.'),
  /** Every key the server may show; two while it changes its key. At least one: no key is trusted because it came first. */
  hostKeys: z.array(fingerprint).min(1).max(16),
  temporarySuffix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,20}$/, 'expected letters, digits, dots, dashes and underscores')
    .default('.part'),
  /** `legacy` adds SHA-1 and CBC for servers that have nothing else. */
  algorithms: z.enum(['modern', 'legacy']).default('modern'),
  allowAddresses: allowAddressesSchema.default([]),
})

export type SftpSettings = z.output<typeof sftpSettings>
