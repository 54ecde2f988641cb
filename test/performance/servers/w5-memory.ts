import { serveCached } from './w5-kwik.ts'

serveCached({})
