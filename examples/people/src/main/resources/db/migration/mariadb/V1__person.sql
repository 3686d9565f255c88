-- Compared byte by byte: by default, customer "a" would see the rows of customer "A".
create table person (
  id bigint not null auto_increment,
  name varchar(200) not null,
  address varchar(500) not null,
  customer_id varchar(128) character set utf8mb4 collate utf8mb4_bin not null,
  created_at timestamp(6) not null default current_timestamp(6),
  primary key (customer_id, id),
  key (id)
) engine = InnoDB default character set utf8mb4;
