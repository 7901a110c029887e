// SPDX-License-Identifier: Apache-2.0
/** How a command ends: its exit code, and what failed in words that say the remedy. */
package dev.culvert.cli.answer;
