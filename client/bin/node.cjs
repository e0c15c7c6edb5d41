'use strict'
// Runs a bundle of dist/ on this Node where it is new enough, else on the one that the lock file brought along.
var path = require('path')
var fs = require('fs')

var LEAST = [24, 15]
var root = path.join(__dirname, '..', '..')
var name = path.basename(process.argv[1], '.cjs')

function isNewEnough(version) {
  var parts = version.split('.').map(Number)
  return parts[0] > LEAST[0] || (parts[0] === LEAST[0] && parts[1] >= LEAST[1])
}

function provisioned() {
  var file = path.join(root, 'node_modules', 'node-' + process.platform + '-' + process.arch, 'bin', 'node')
  return fs.existsSync(file) ? file : undefined
}

function fail(message) {
  process.stderr.write(message + '\n')
  process.exit(1)
}

function again(node) {
  var os = require('os')
  var args = [process.argv[1]].concat(process.argv.slice(2))
  var child = require('child_process').spawn(node, args, { stdio: 'inherit' })
  // The terminal sends its signals to the child as well; those sent to this process alone are handed on.
  ;['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].forEach(function (signal) {
    process.on(signal, function () {
      if (signal !== 'SIGINT') child.kill(signal)
    })
  })
  child.on('error', function (error) {
    fail(name + ': ' + node + ' could not be run: ' + error.message)
  })
  child.on('exit', function (code, signal) {
    process.exit(signal ? 128 + os.constants.signals[signal] : code)
  })
}

exports.run = function run(bundle) {
  var file = path.join(root, 'dist', bundle)
  var node
  if (!fs.existsSync(file)) fail(name + ': ' + file + ' is missing.\n  Build it with `npm run build`.')
  if (isNewEnough(process.versions.node)) return require(file)
  node = provisioned()
  if (node) return again(node)
  fail(
    name +
      ': Node ' +
      process.versions.node +
      ' is too old.\n  Install Node ' +
      LEAST.join('.') +
      ' or newer.',
  )
}

exports.daemon = path.join(root, 'dist', 'atmosd.mjs')
