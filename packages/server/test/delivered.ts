import { announceTo } from '../src/deliveries'

/** Resolves when whatever was announced so far has been told to those who read. */
export const delivered = (): Promise<void> => new Promise((resolve) => announceTo([resolve])())
