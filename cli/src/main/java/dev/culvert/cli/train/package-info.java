// SPDX-License-Identifier: Apache-2.0
/**
 * Where the JVM learns what the daemons do, once after a build: a lab in, archives of classes and
 * profiles out.
 */
package dev.culvert.cli.train;
