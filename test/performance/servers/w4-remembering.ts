/** The hand-written server of W4, with the tokens that it has checked kept. */
process.env['BENCH_REMEMBERS'] = '1'
await import('./w4-reference.ts')
