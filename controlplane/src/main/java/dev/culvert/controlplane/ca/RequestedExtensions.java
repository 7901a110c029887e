// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * What a request may ask for. None of it is copied into the certificate; a request that asks for
 * more than it gets is refused, so that its sender learns of it now and not at a handshake.
 */
final class RequestedExtensions {
  private static final Set<ASN1ObjectIdentifier> KNOWN =
      Set.of(
          Extension.subjectAlternativeName,
          Extension.basicConstraints,
          Extension.keyUsage,
          Extension.extendedKeyUsage);

  private RequestedExtensions() {}

  static void check(Extensions asked, SpiffeId identity) throws RejectedRequestException {
    refuseUnknown(asked);
    refuseAuthority(asked);
    refuseOtherNames(
        GeneralNames.fromExtensions(asked, Extension.subjectAlternativeName), identity);
  }

  private static void refuseUnknown(Extensions asked) throws RejectedRequestException {
    for (ASN1ObjectIdentifier id : asked.getExtensionOIDs()) {
      if (!KNOWN.contains(id)) {
        throw new RejectedRequestException("the CSR asks for an extension that no one gets: " + id);
      }
    }
  }

  private static void refuseAuthority(Extensions asked) throws RejectedRequestException {
    BasicConstraints constraints = BasicConstraints.fromExtensions(asked);
    KeyUsage usage = KeyUsage.fromExtensions(asked);
    if ((constraints != null && constraints.isCA())
        || (usage != null && usage.hasUsages(KeyUsage.keyCertSign))) {
      throw new RejectedRequestException("the CSR asks to be a certificate authority");
    }
  }

  private static void refuseOtherNames(GeneralNames asked, SpiffeId identity)
      throws RejectedRequestException {
    GeneralName[] names = asked == null ? new GeneralName[0] : asked.getNames();
    if (names.length != 1
        || names[0].getTagNo() != GeneralName.uniformResourceIdentifier
        || !names[0].getName().toString().equals(identity.toString())) {
      throw wrongNames(identity);
    }
  }

  static RejectedRequestException wrongNames(SpiffeId identity) {
    return new RejectedRequestException(
        "the CSR's SAN must hold exactly one name, the URI " + identity);
  }
}
