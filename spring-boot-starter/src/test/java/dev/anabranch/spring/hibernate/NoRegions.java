// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import java.util.Map;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;

/** A cache provider that is there, and holds nothing. */
public final class NoRegions extends RegionFactoryTemplate {
    private static final long serialVersionUID = 1L;

    @Override
    protected DomainDataStorageAccess createDomainDataStorageAccess(
            DomainDataRegionConfig region, DomainDataRegionBuildingContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected StorageAccess createQueryResultsRegionStorageAccess(String region, SessionFactoryImplementor factory) {
        return new Nothing();
    }

    @Override
    protected StorageAccess createTimestampsRegionStorageAccess(String region, SessionFactoryImplementor factory) {
        return new Nothing();
    }

    @Override
    protected void prepareForUse(SessionFactoryOptions settings, Map<String, Object> configuration) {}

    @Override
    protected void releaseFromUse() {}

    private static final class Nothing implements StorageAccess {
        @Override
        public @Nullable Object getFromCache(Object key, SharedSessionContractImplementor session) {
            return null;
        }

        @Override
        public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {}

        @Override
        public boolean contains(Object key) {
            return false;
        }

        @Override
        public void evictData() {}

        @Override
        public void evictData(Object key) {}

        @Override
        public void release() {}
    }
}
