#!/usr/bin/env node
import { argv, stdout } from 'node:process'
import { conformanceCommand } from './conformance/command'

process.exitCode = await conformanceCommand(argv.slice(2), (text) => void stdout.write(text))
