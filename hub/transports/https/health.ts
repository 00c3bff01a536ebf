import { Router } from 'express'
import { databaseAnswers } from '#hub/store/ready.ts'
import type { Store } from '#hub/store/connect.ts'

/** `/healthz`: the process runs. `/readyz`: it can take documents, because its database answers; else 503. */
export function healthRoutes(store: Store): Router {
  const router = Router()
  router.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n')
  })
  router.get('/readyz', async (_request, response) => {
    const ready = await databaseAnswers(store)
    response
      .status(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ready\n' : 'the database does not answer\n')
  })
  return router
}
