// SPDX-License-Identifier: Apache-2.0
/**
 * Where the JVM learns which classes the daemons need, once after a build: a lab in, archives of
 * classes out.
 */
package dev.culvert.cli.train;
