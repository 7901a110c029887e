// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * Where a request comes from; every field that is written must match.
 *
 * @param principals identities from mutual TLS, without scheme; {@code *} at one end is a wildcard
 * @param requestPrincipals identities from tokens
 * @param namespaces namespaces in the identity
 * @param ipBlocks address of the peer
 * @param remoteIpBlocks address of the client behind trusted proxies
 */
public record Source(
    Values<String> principals,
    Values<String> requestPrincipals,
    Values<String> namespaces,
    Values<IpBlock> ipBlocks,
    Values<IpBlock> remoteIpBlocks,
    Values<ServiceAccountRef> serviceAccounts) {

  static final Source NOTHING =
      new Source(
          Values.nothing(),
          Values.nothing(),
          Values.nothing(),
          Values.nothing(),
          Values.nothing(),
          Values.nothing());
}
