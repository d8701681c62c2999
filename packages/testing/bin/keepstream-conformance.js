#!/usr/bin/env node
// A file of its own because an install links it before anything is built.
import '../dist/keepstream-conformance.js'
