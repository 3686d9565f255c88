// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.FakeDirectory;
import dev.anabranch.Servers;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Login;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RemoteDirectoryTest {
    private static final Secret TOKEN = Secret.of(FakeDirectory.TOKEN);
    private static final TenantId ACME = new TenantId("acme");

    @TempDir
    Path folder;

    private FakeDirectory service;
    private Path file;

    @BeforeEach
    void serve() {
        service = new FakeDirectory(topology(1, Group.Tenants.ANY));
        file = folder.resolve("cache").resolve("last.snapshot");
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void followsChanges() {
        try (RemoteDirectory directory = open(TOKEN)) {
            AtomicReference<Topology> heard = new AtomicReference<>();
            directory.onChange(heard::set);
            assertThat(directory.topology().revision()).isEqualTo(1);

            service.publish(topology(2, Group.Tenants.ANY));

            Servers.await("revision 2", () -> directory.topology().revision() == 2);
            Servers.await("the listener", () -> heard.get() != null && heard.get().revision() == 2);
        }
    }

    @Test
    void goesOnWhileTheServiceIsAwayAndCatchesUpAfterwards() {
        try (RemoteDirectory directory = open(TOKEN)) {
            service.close();
            assertThat(directory.topology().revision()).isEqualTo(1);

            service.publish(topology(3, Group.Tenants.ANY));
            service.start();

            Servers.await("revision 3", () -> directory.topology().revision() == 3);
        }
    }

    @Test
    void startsFromTheFileWhileTheServiceIsAway() {
        open(TOKEN).close();
        service.close();

        try (RemoteDirectory directory = open(TOKEN)) {
            assertThat(directory.isFromCache()).isTrue();
            assertThat(directory.topology()).isEqualTo(topology(1, Group.Tenants.ANY));
            assertThat(directory.topology().database("main").primary().password().reveal()).isEqualTo("hunter2");

            service.start();

            Servers.await("an answer", () -> !directory.isFromCache());
        }
    }

    @Test
    void keepsTheFileForItsOwnerAloneAndNoCredentialInTheClear() throws IOException {
        open(TOKEN).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        String raw = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(raw).startsWith("anabranch-snapshot-1").doesNotContain("hunter2", "db0", "main");
        assertThat(file.getParent()).isDirectoryContaining(path -> path.equals(file)).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void doesNotUseAFileOfAnotherTokenOrOneThatWasChanged() throws IOException {
        open(TOKEN).close();
        service.close();
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> open(Secret.of("another")))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DIRECTORY_UNAVAILABLE));

        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> open(TOKEN))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DIRECTORY_UNAVAILABLE))
                .withMessageContaining(file.toString());
    }

    @Test
    void saysThatTheTokenIsRefusedRatherThanUsingTheFile() {
        open(TOKEN).close();

        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> open(Secret.of("revoked-token")))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DIRECTORY_REFUSED))
                .satisfies(e -> assertThat(e.getMessage()).contains("role app").doesNotContain("revoked-token"));
    }

    @Test
    void asksOnceForAListedTenantAndServesItWhileTheServiceIsAway() {
        service.publish(topology(5, Group.Tenants.LISTED));
        service.list("acme");
        try (RemoteDirectory directory = open(TOKEN)) {
            directory.requireListed("people", ACME);
            directory.requireListed("people", ACME);
            assertThat(service.lookups()).isEqualTo(1);
            // A pinned tenant is listed by its pin.
            directory.requireListed("people", new TenantId("vip"));
            assertThat(service.lookups()).isEqualTo(1);
            assertUnlisted(directory, "nobody");
        }
        service.close();

        try (RemoteDirectory restarted = open(TOKEN)) {
            restarted.requireListed("people", ACME);
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> restarted.requireListed("people", new TenantId("never-met")))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DIRECTORY_UNAVAILABLE));
        }
    }

    @Test
    void asksAgainForAnUnlistedTenantAfterAChange() {
        service.publish(topology(5, Group.Tenants.LISTED));
        try (RemoteDirectory directory = open(TOKEN)) {
            assertUnlisted(directory, "acme");
            int asked = service.lookups();
            assertUnlisted(directory, "acme");
            assertThat(service.lookups()).isEqualTo(asked);

            service.list("acme");
            service.publish(topology(6, Group.Tenants.LISTED));

            Servers.await("revision 6", () -> directory.topology().revision() == 6);
            directory.requireListed("people", ACME);
        }
    }

    @Test
    void takesNoAnswerOfAnybodyElseForANo() {
        service.publish(topology(5, Group.Tenants.LISTED));
        service.list("acme");
        try (RemoteDirectory directory = open(TOKEN)) {
            directory.requireListed("people", ACME);
            service.replace(true);
            directory.requireListed("people", ACME);
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> directory.requireListed("people", new TenantId("other")))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DIRECTORY_UNAVAILABLE));
        }
        try (RemoteDirectory restarted = open(TOKEN)) {
            assertThat(restarted.isFromCache()).isTrue();
            restarted.requireListed("people", ACME);
        }
    }

    @Test
    void doesNotLetRequestsOfKnownTenantsWaitForASilentService() {
        service.publish(topology(5, Group.Tenants.LISTED));
        service.list("acme");
        open(TOKEN).close();
        try (RemoteDirectory directory = open(TOKEN)) {
            directory.requireListed("people", ACME);
        }
        service.close();
        // From the file, every tenant is to be asked for again.
        try (RemoteDirectory directory = open(TOKEN)) {
            service.startSilent();
            long began = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                directory.requireListed("people", ACME);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    void keepsThePasswordThatWorkedWhereTheServiceTellsNone() {
        try (RemoteDirectory directory = open(TOKEN)) {
            service.publish(withPassword(2, ""));
            Servers.await("revision 2", () -> directory.topology().revision() == 2);
            assertThat(directory.topology().database("main").primary().password().reveal()).isEqualTo("hunter2");

            service.publish(withPassword(3, "fresh"));
            Servers.await("revision 3", () -> directory.topology().revision() == 3);
            assertThat(directory.topology().database("main").primary().password().reveal()).isEqualTo("fresh");
        }
        service.publish(withPassword(4, ""));
        try (RemoteDirectory restarted = open(TOKEN)) {
            assertThat(restarted.topology().database("main").primary().password().reveal()).isEqualTo("fresh");
        }
    }

    @Test
    void keepsTheOwnersPasswordApartFromTheApplications() {
        service.publish(owned(1, "hunter2", "owner", "owner-1", "eu"));
        try (RemoteDirectory directory = open(TOKEN)) {
            assertThat(passwords(directory)).isEqualTo("hunter2 owner-1");

            // Neither takes the other's place, and what is told besides is not lost.
            service.publish(owned(2, "fresh", "owner", "", "us"));
            Servers.await("revision 2", () -> directory.topology().revision() == 2);
            assertThat(passwords(directory)).isEqualTo("fresh owner-1");
            assertThat(directory.topology().database("main").region()).contains("us");
            service.publish(owned(3, "", "owner", "owner-3", "us"));
            Servers.await("revision 3", () -> directory.topology().revision() == 3);
            assertThat(passwords(directory)).isEqualTo("fresh owner-3");

            // Another owner has another password, and no owner has none.
            service.publish(owned(4, "", "another", "", "us"));
            Servers.await("revision 4", () -> directory.topology().revision() == 4);
            assertThat(passwords(directory)).isEqualTo("fresh ");
            service.publish(withPassword(5, ""));
            Servers.await("revision 5", () -> directory.topology().revision() == 5);
            assertThat(directory.topology().database("main").owner()).isEmpty();
            assertThat(directory.topology().database("main").primary().password().reveal()).isEqualTo("fresh");
        }
    }

    @Test
    void keepsNoPasswordOfAnOwnerOnDisk() {
        service.publish(owned(1, "hunter2", "owner", "owner-1", "eu"));
        open(TOKEN).close();
        service.close();

        try (RemoteDirectory directory = open(TOKEN)) {
            assertThat(directory.isFromCache()).isTrue();
            assertThat(passwords(directory)).isEqualTo("hunter2 ");
        }
    }

    @Test
    void doesNotReplaceAGoodFileByOneWithoutPasswords() throws IOException {
        open(TOKEN).close();
        byte[] good = Files.readAllBytes(file);
        service.withhold();
        try (RemoteDirectory directory = open(TOKEN)) {
            service.publish(topology(2, Group.Tenants.ANY));
            Servers.await("revision 2", () -> directory.topology().revision() == 2);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(good);
    }

    @Test
    void followsAServiceThatWentBackToAnOlderRevision() {
        service.publish(topology(9, Group.Tenants.ANY));
        try (RemoteDirectory directory = open(TOKEN)) {
            service.publish(topology(4, Group.Tenants.ANY));
            Servers.await("revision 4", () -> directory.topology().revision() == 4);
        }
    }

    private static void assertUnlisted(RemoteDirectory directory, String tenant) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> directory.requireListed("people", new TenantId(tenant)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TENANT_UNKNOWN));
    }

    private RemoteDirectory open(Secret token) {
        return new RemoteDirectory(service.endpoint(), token, List.of("people"), new SnapshotFile(file, token));
    }

    private static String passwords(RemoteDirectory directory) {
        Database main = directory.topology().database("main");
        return main.primary().password().reveal() + " " + main.owner().orElseThrow().password().reveal();
    }

    private static Topology owned(long revision, String password, String owner, String ownerPassword, String region) {
        Topology plain = withPassword(revision, password);
        Login migrates = new Login(owner, Secret.of(ownerPassword));
        Database main = new Database("main", plain.database("main").primary(), migrates, region);
        return new Topology(revision, plain.shardKey(), Map.of("main", main), plain.groups());
    }

    private static Topology topology(long revision, Group.Tenants tenants) {
        return topology(revision, tenants, "hunter2");
    }

    private static Topology withPassword(long revision, String password) {
        return topology(revision, Group.Tenants.ANY, password);
    }

    private static Topology topology(long revision, Group.Tenants tenants, String password) {
        Endpoint endpoint =
                new Endpoint(Flavor.POSTGRES, "db0", 5432, "app", "app", Secret.of(password), Map.of());
        Group people = new Group.Sharded(
                "people", BucketMap.evenly(List.of("main")), Map.of(new TenantId("vip"), "main"), tenants);
        return new Topology(
                revision,
                new ShardKey("customer_id", KeyType.TEXT),
                Map.of("main", new Database("main", endpoint, null)),
                Map.of("people", people));
    }
}
