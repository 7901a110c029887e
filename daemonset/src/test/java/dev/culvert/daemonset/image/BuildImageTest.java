// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildImageTest {
  @TempDir private Path folder;

  @Test
  void sameFilesGiveTheSameBytesWheneverTheyWereWritten() throws Exception {
    Path first = build(stage("first", Instant.EPOCH), "first.tar");
    Path second = build(stage("second", Instant.ofEpochSecond(1_700_000_000)), "second.tar");
    assertThat(first).hasSameBinaryContentAs(second);
  }

  @Test
  void otherFilesGiveOtherBytes() throws Exception {
    Path staged = stage("staged", Instant.EPOCH);
    Path first = build(staged, "first.tar");
    Files.writeString(staged.resolve("culvert/culvert.jar"), "another");
    assertThat(build(staged, "second.tar")).binaryContent().isNotEqualTo(Files.readAllBytes(first));
  }

  @Test
  void startsTheLauncherAsNobody() throws Exception {
    Map<String, byte[]> image = entries(build(stage("staged", Instant.EPOCH), "image.tar"));
    JsonObject config = json(image, digest(manifest(image).getAsJsonObject("config")));
    JsonObject run = config.getAsJsonObject("config");
    assertThat(config.get("created").getAsString()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(run.get("User").getAsString()).isEqualTo("65532:65532");
    assertThat(run.getAsJsonArray("Entrypoint").toString()).isEqualTo("[\"/usr/bin/culvert\"]");
  }

  @Test
  void filesAreRootsWithTheirPermissions() throws Exception {
    Map<String, byte[]> image = entries(build(stage("staged", Instant.EPOCH), "image.tar"));
    Map<String, TarArchiveEntry> files = new LinkedHashMap<>();
    for (JsonElement layer : manifest(image).getAsJsonArray("layers")) {
      byte[] packed = image.get(digest(layer.getAsJsonObject()));
      try (InputStream bytes = new GZIPInputStream(new ByteArrayInputStream(packed))) {
        read(bytes, (entry, _) -> files.put(entry.getName().replaceFirst("^/", ""), entry));
      }
    }
    assertThat(files).containsKeys("usr/bin/culvert", "opt/culvert/lib/other.jar", "tmp/");
    assertThat(files.get("usr/bin/culvert").getMode() & 0777).isEqualTo(0755);
    assertThat(files.get("opt/culvert/culvert.jar").getMode() & 0777).isEqualTo(0644);
    assertThat(files.get("tmp/").getMode() & 0777).isEqualTo(0777);
    assertThat(files.values()).allMatch(entry -> entry.getLongUserId() == 0);
    assertThat(files.values())
        .allMatch(entry -> entry.getLastModifiedTime().toInstant().getEpochSecond() == 1);
  }

  private Path build(Path staged, String file) throws Exception {
    Path tar = folder.resolve(file);
    BuildImage.main(staged.toString(), "none", "culvert/culvert:test", tar.toString());
    return tar;
  }

  private Path stage(String name, Instant time) throws IOException {
    Path staged = folder.resolve(name);
    write(staged.resolve("base/usr/bin/culvert"), "rwxr-xr-x", time);
    write(staged.resolve("java/bin/java"), "rwxr-xr-x", time);
    write(staged.resolve("libraries/other.jar"), "rw-r--r--", time);
    write(staged.resolve("culvert/culvert.jar"), "rw-r--r--", time);
    Path tmp = Files.createDirectories(staged.resolve("base/tmp"));
    Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
    return staged;
  }

  private static void write(Path file, String permissions, Instant time) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, file.getFileName().toString());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    Files.setLastModifiedTime(file, FileTime.from(time));
  }

  private static JsonObject manifest(Map<String, byte[]> image) {
    JsonObject index =
        JsonParser.parseString(new String(image.get("index.json"), StandardCharsets.UTF_8))
            .getAsJsonObject();
    return json(image, digest(index.getAsJsonArray("manifests").get(0).getAsJsonObject()));
  }

  private static String digest(JsonObject descriptor) {
    return "blobs/" + descriptor.get("digest").getAsString().replace(':', '/');
  }

  private static JsonObject json(Map<String, byte[]> image, String name) {
    return JsonParser.parseString(new String(image.get(name), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private interface Reader {
    void read(TarArchiveEntry entry, byte[] content);
  }

  private static void read(InputStream archive, Reader reader) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        reader.read(entry, tar.readAllBytes());
      }
    }
  }

  private static Map<String, byte[]> entries(Path tar) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (InputStream bytes = Files.newInputStream(tar)) {
      read(bytes, (entry, content) -> entries.put(entry.getName(), content));
    }
    return entries;
  }
}
