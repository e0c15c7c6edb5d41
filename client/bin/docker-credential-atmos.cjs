#!/usr/bin/env node
'use strict'
// Plain old syntax: this file has to be understood by any Node, to say that it is too old.
var node = require('./node.cjs')
var client = node.run('atmosctl.cjs')
if (client) client.main([process.execPath, node.daemon], ['__docker-credential'])
