// SPDX-License-Identifier: Apache-2.0
/** What a daemon logs, and how it reaches standard output without holding anybody up. */
package dev.culvert.cli.log;
