import { databaseErrorIn } from '#core/database-error'
import { statementOf } from '#core/internal/statement'
import type { Database } from '#core/ports/database'
import type { Meter } from './meter.ts'

/**
 * How long statements take, by operation and table, and how the connections are used.
 * @returns how to stop it
 * @see https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
 */
export function databaseMetrics(meter: Meter, database: Database): () => void {
  const duration = meter.histogram('db.client.operation.duration', {
    unit: 's',
    description: 'Time until a statement was answered, with the wait for a connection.',
    bounds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  })
  meter.gauge(
    'db.client.connection.count',
    () => {
      const use = database.pool?.()
      if (use === undefined) return undefined
      return [
        [use.used, { 'db.client.connection.state': 'used' }],
        [use.idle, { 'db.client.connection.state': 'idle' }],
      ] as const
    },
    { unit: '{connection}', description: 'Connections of the pool.' },
  )
  meter.gauge('db.client.connection.max', () => database.pool?.()?.most, {
    unit: '{connection}',
    description: 'Connections that the pool may open.',
  })
  meter.gauge('db.client.connection.pending_requests', () => database.pool?.()?.waiting, {
    unit: '{request}',
    description: 'Callers that wait for a connection.',
  })
  return (
    database.observe?.(({ dialect, text, ms, error }) => {
      const { operation, table } = statementOf(text)
      duration.record(ms / 1000, {
        'db.system.name': dialect,
        'db.operation.name': operation,
        ...(table !== undefined && { 'db.collection.name': table }),
        ...(error !== undefined && { 'error.type': databaseErrorIn(error)?.failure ?? '_OTHER' }),
      })
    }) ?? (() => {})
  )
}
