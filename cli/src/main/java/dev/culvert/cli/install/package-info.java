// SPDX-License-Identifier: Apache-2.0
/**
 * Culvert on a cluster: the chart that the command carries and its values in, objects of an API
 * server out. Everything runs on the command's own thread.
 */
package dev.culvert.cli.install;
