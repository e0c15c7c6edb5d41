#!/usr/bin/env node
'use strict'
// Plain old syntax: this file has to be understood by any Node, to say that it is too old.
require('../../client/bin/node.cjs').run('atmosd.mjs')
