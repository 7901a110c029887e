// SPDX-License-Identifier: Apache-2.0
/** What tests of several packages wait by. */
package dev.culvert.agent.peers;
