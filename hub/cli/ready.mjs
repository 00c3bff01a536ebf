// Whether the hub of this machine or container is ready: exit code 0, or 1. For health checks where there is no curl.
const port = process.env.CROSSDOCK_HTTP_PORT ?? 8080
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4_000) })
  process.exitCode = ok ? 0 : 1
} catch {
  process.exitCode = 1
}
