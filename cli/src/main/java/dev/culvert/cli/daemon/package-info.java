// SPDX-License-Identifier: Apache-2.0
/** A process of the mesh, from its arguments to SIGTERM. */
package dev.culvert.cli.daemon;
